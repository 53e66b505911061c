# If omitted: $LATEST, the provider's region, and the account of its credentials.
import {
  to = awslambda_function_event_invoke_config.orders
  identity = {
    function_name = "orders-worker"
  }
}

import {
  to = awslambda_function_event_invoke_config.live
  identity = {
    function_name = "orders-worker"
    qualifier     = "live"
    region        = "us-east-1"
    account_id    = "123456789012"
  }
}
