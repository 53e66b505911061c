terraform {
  required_version = ">= 1.8"

  required_providers {
    awslambda = {
      source = "lambda-async/awslambda"
    }
  }
}
