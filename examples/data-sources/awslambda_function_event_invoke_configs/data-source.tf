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

# All functions of the provider's region whose names begin with the prefix.
data "awslambda_function_event_invoke_configs" "region" {
  name_prefix = "orders-"
}

# The functions without any configuration.
output "without_configuration" {
  value = [
    for function in data.awslambda_function_event_invoke_configs.region.functions : function.function_name
    if length(function.qualifiers) == 0
  ]
}
