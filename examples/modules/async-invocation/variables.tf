variable "function_name" {
  description = "Function name, partial ARN or full ARN, without a qualifier."
  type        = string
  nullable    = false

  validation {
    condition     = provider::awslambda::parse_function_name(var.function_name).qualifier == null
    error_message = "function_name has a qualifier. Set the qualifier in configs instead."
  }
}

variable "configs" {
  description = "Configurations of the function, by a key of your choice. Each key must be known during plan. All values are optional, and may be unknown until apply: qualifier defaults to \"$LATEST\", a destination to none, and any other value to the provider's default."
  type = map(object({
    qualifier                    = optional(string)
    maximum_retry_attempts       = optional(number)
    maximum_event_age_in_seconds = optional(number)
    on_success                   = optional(string)
    on_failure                   = optional(string)
    overwrite_existing           = optional(bool)
  }))
  default  = { latest = {} }
  nullable = false
}

variable "region" {
  description = "Region of the function. Defaults to the region in function_name, otherwise to the provider's region."
  type        = string
  default     = null
}

variable "timeouts" {
  description = "How long each operation of a configuration may take, such as \"10m\". Defaults to the provider's timeouts."
  type = object({
    create = optional(string)
    read   = optional(string)
    update = optional(string)
    delete = optional(string)
  })
  default = null
}
