data "awslambda_function_event_invoke_configs" "orders" {
  function_name = "orders-worker"
}

locals {
  orders = { for c in data.awslambda_function_event_invoke_configs.orders.configs : c.qualifier => c }
}

import {
  for_each = local.orders
  to       = awslambda_function_event_invoke_config.orders[each.key]
  id       = each.value.id
}

resource "awslambda_function_event_invoke_config" "orders" {
  for_each = local.orders

  function_name                = "orders-worker"
  qualifier                    = each.key
  maximum_event_age_in_seconds = each.value.maximum_event_age_in_seconds
  maximum_retry_attempts       = each.value.maximum_retry_attempts
  destination_config           = each.value.destination_config
}
