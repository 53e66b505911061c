data "awslambda_function_event_invoke_configs" "all" {}

locals {
  all = { for c in data.awslambda_function_event_invoke_configs.all.configs : "${c.function_name}:${c.qualifier}" => c }
}

import {
  for_each = local.all
  to       = awslambda_function_event_invoke_config.all[each.key]
  id       = each.value.id
}

resource "awslambda_function_event_invoke_config" "all" {
  for_each = local.all

  function_name                = each.value.function_name
  qualifier                    = each.value.qualifier
  maximum_event_age_in_seconds = each.value.maximum_event_age_in_seconds
  maximum_retry_attempts       = each.value.maximum_retry_attempts
  destination_config           = each.value.destination_config
}
