variable "function_name" {
  description = "The function: its name, a partial ARN or a full ARN, without a qualifier."
  type        = string
  nullable    = false

  validation {
    condition     = provider::awslambda::parse_function_name(var.function_name).qualifier == null
    error_message = "function_name carries a qualifier: make it a key of qualifiers instead."
  }
}

variable "qualifiers" {
  description = "What to configure, by version, alias or \"$LATEST\". What is left out, or null, is the provider's default: for a destination, none."
  type = map(object({
    maximum_retry_attempts       = optional(number)
    maximum_event_age_in_seconds = optional(number)
    on_success                   = optional(string)
    on_failure                   = optional(string)
  }))
  default  = { "$LATEST" = {} }
  nullable = false
}

variable "region" {
  description = "The region of the function. Default: the one inside function_name, else the provider's."
  type        = string
  default     = null
}
