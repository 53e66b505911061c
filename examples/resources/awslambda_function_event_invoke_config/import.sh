# Every spelling of a function reference, with or without a qualifier.
terraform import awslambda_function_event_invoke_config.orders orders-worker
terraform import awslambda_function_event_invoke_config.live orders-worker:live
terraform import awslambda_function_event_invoke_config.live arn:aws:lambda:us-east-1:123456789012:function:orders-worker:live
