# A function reference in any format, with or without a qualifier or a region.
terraform import awslambda_function_event_invoke_config.orders orders-worker
terraform import awslambda_function_event_invoke_config.live orders-worker:live
terraform import awslambda_function_event_invoke_config.live orders-worker:live@us-east-1
terraform import awslambda_function_event_invoke_config.live arn:aws:lambda:us-east-1:123456789012:function:orders-worker:live
