terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

locals {
  accounts = {
    orders   = "111111111111"
    payments = "222222222222"
  }

  # To remove an account, delete it here and apply. Then delete it from accounts.
  configured = toset(["orders", "payments"])
}

provider "awslambda" {
  alias    = "account"
  for_each = local.accounts
  region   = "us-east-1"

  assume_role {
    role_arn = "arn:aws:iam::${each.value}:role/event-invoke-config"
  }
}

resource "awslambda_function_event_invoke_config" "worker" {
  for_each = local.configured
  provider = awslambda.account[each.key]

  function_name          = "worker"
  maximum_retry_attempts = 1
}
