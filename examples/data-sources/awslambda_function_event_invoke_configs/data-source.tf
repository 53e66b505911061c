data "awslambda_function_event_invoke_configs" "orders" {
  function_name = "orders-worker"
}

# The qualifiers whose failed events get lost.
output "without_on_failure" {
  value = [
    for config in data.awslambda_function_event_invoke_configs.orders.configs : config.qualifier
    if config.destination_config.on_failure == null
  ]
}
