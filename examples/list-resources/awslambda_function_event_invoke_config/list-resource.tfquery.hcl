# Every configuration in the region of the provider block.
list "awslambda_function_event_invoke_config" "region" {
  provider = awslambda
  limit    = 10000 # without it, Terraform ends a list at 100
}

# Those of two qualifiers of one function.
list "awslambda_function_event_invoke_config" "orders" {
  provider = awslambda

  config {
    function_name = "orders-worker"
    qualifiers    = ["$LATEST", "live"]
  }
}

# Every configuration in another region, with all attributes.
list "awslambda_function_event_invoke_config" "europe" {
  provider         = awslambda
  include_resource = true
  limit            = 10000

  config {
    region = "eu-west-1"
  }
}
