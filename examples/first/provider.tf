provider "awslambda" {
  region     = "us-east-1"
  access_key = "test"
  secret_key = "test"

  endpoints {
    lambda = "http://127.0.0.1:4566"
  }
}
