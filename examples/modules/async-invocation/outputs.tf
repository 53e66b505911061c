output "function_arns" {
  description = "The ARN of each version, alias or \"$LATEST\", by qualifier."
  value       = { for qualifier, config in awslambda_function_event_invoke_config.this : qualifier => config.function_arn }
}

output "settings" {
  description = "What is in effect, defaults included, by qualifier. A destination is null where there is none."
  value = {
    for qualifier, config in awslambda_function_event_invoke_config.this : qualifier => {
      maximum_retry_attempts       = config.maximum_retry_attempts
      maximum_event_age_in_seconds = config.maximum_event_age_in_seconds
      on_success                   = try(config.destination_config.on_success.destination, null)
      on_failure                   = try(config.destination_config.on_failure.destination, null)
    }
  }
}
