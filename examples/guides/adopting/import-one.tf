import {
  to = awslambda_function_event_invoke_config.orders_live
  id = "orders-worker:live"
}
