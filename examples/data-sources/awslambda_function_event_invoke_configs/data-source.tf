data "awslambda_function_event_invoke_configs" "orders" {
  function_name = "orders-worker"
}

# Qualifiers without an on-failure destination.
output "without_on_failure" {
  value = [
    for config in data.awslambda_function_event_invoke_configs.orders.configs : config.qualifier
    if config.destination_config.on_failure == null
  ]
}

# All functions of the provider's region with this prefix.
data "awslambda_function_event_invoke_configs" "region" {
  name_prefix = "orders-"
}

# Functions without a configuration.
output "without_configuration" {
  value = [
    for function in data.awslambda_function_event_invoke_configs.region.functions : function.function_name
    if length(function.qualifiers) == 0
  ]
}
