removed {
  from = awslambda_function_event_invoke_config.orders

  lifecycle {
    destroy = false
  }
}
