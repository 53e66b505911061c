terraform {
  required_providers {
    awslambda = {
      source = "lambda-async/awslambda"
    }
  }
}

provider "awslambda" {
  region = "us-east-1"
}
