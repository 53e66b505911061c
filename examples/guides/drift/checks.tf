# A function that another team manages.
data "awslambda_function_event_invoke_configs" "payments" {
  function_name = "payments-worker"
}

check "payments_are_not_lost" {
  assert {
    condition = anytrue([
      for config in data.awslambda_function_event_invoke_configs.payments.configs : config.destination_config.on_failure != null
      if config.qualifier == "live"
    ])
    error_message = "Failed events of payments-worker:live are lost."
  }
}

# Configurations of the function above that no resource manages.
data "awslambda_function_event_invoke_configs" "orders" {
  function_name = "orders-worker"
}

check "orders_have_nothing_else" {
  assert {
    condition     = length(setsubtract(data.awslambda_function_event_invoke_configs.orders.configs[*].qualifier, ["live"])) == 0
    error_message = "Configured on orders-worker: ${join(", ", data.awslambda_function_event_invoke_configs.orders.configs[*].qualifier)}."
  }
}
