policy {
  required_providers {
    awslambda = {
      source  = "lambda-async/awslambda"
      version = ">= 0.1.0"
    }
  }
}

resource_policy "awslambda_function_event_invoke_config" "has_on_failure" {
  operations        = ["create", "update"]
  enforcement_level = "mandatory"

  enforce {
    condition     = attrs.destination_config.on_failure != null
    error_message = "Failed events are lost. Set destination_config.on_failure."
  }
}
