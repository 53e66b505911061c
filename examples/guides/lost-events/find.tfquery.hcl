list "awslambda_function_event_invoke_config" "all" {
  provider         = awslambda
  include_resource = true
  limit            = 10000 # default: 100
}
