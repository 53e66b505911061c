# All functions of the provider's region.
data "awslambda_function_event_invoke_configs" "all" {}

locals {
  # Functions that have neither a dead-letter queue nor an on-failure destination.
  losing = setsubtract(
    [for f in data.awslambda_function_event_invoke_configs.all.functions : f.function_name if f.dead_letter_target_arn == null],
    [for c in data.awslambda_function_event_invoke_configs.all.configs : c.function_name if c.destination_config.on_failure != null],
  )
}

check "failed_events_are_kept" {
  assert {
    condition     = length(local.losing) == 0
    error_message = "No on-failure destination and no dead-letter queue: ${join(", ", local.losing)}."
  }

  assert {
    condition     = length(data.awslambda_function_event_invoke_configs.all.unreadable) == 0
    error_message = "Not checked, because Lambda denied it: ${join(", ", data.awslambda_function_event_invoke_configs.all.unreadable)}."
  }
}
