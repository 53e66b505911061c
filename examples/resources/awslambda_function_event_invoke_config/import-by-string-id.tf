import {
  to = awslambda_function_event_invoke_config.orders
  id = "orders-worker"
}

import {
  to = awslambda_function_event_invoke_config.live
  id = "orders-worker:live"
}
