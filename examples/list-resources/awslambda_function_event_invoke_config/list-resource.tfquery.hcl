# All configurations in the provider's region.
list "awslambda_function_event_invoke_config" "region" {
  provider = awslambda
  limit    = 10000 # default: 100
}

# Two qualifiers of one function.
list "awslambda_function_event_invoke_config" "orders" {
  provider = awslambda

  config {
    function_name = "orders-worker"
    qualifiers    = ["$LATEST", "live"]
  }
}

# All configurations in another region, with all attributes.
list "awslambda_function_event_invoke_config" "europe" {
  provider         = awslambda
  include_resource = true
  limit            = 10000

  config {
    region = "eu-west-1"
  }
}
