output "function_arns" {
  description = "The qualified ARN of each configuration, by key."
  value       = { for key, config in awslambda_function_event_invoke_config.this : key => config.function_arn }
}

output "settings" {
  description = "The effective settings of each configuration, by key, defaults included. A side without a destination is null."
  value = {
    for key, config in awslambda_function_event_invoke_config.this : key => {
      qualifier                    = config.qualifier
      maximum_retry_attempts       = config.maximum_retry_attempts
      maximum_event_age_in_seconds = config.maximum_event_age_in_seconds
      on_success                   = try(config.destination_config.on_success.destination, null)
      on_failure                   = try(config.destination_config.on_failure.destination, null)
    }
  }
}

output "policy_json" {
  description = "IAM policy that allows the function's execution role to send invocation records to the destinations. Null without destinations."
  value = length(local.destinations) == 0 ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [for arn in local.destinations : {
      Effect   = "Allow"
      Action   = provider::awslambda::destination_permissions(arn).actions
      Resource = provider::awslambda::destination_permissions(arn).resources
    }]
  })
}
