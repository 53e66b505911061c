terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "aws" {
  region = "us-east-1"
}

provider "awslambda" {
  region = "us-east-1"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders-worker"
  role          = "arn:aws:iam::123456789012:role/orders-worker"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders-worker:1.4.0"
}

# Bucket names are global. Including the account ID makes a collision unlikely.
resource "aws_s3_bucket" "failed" {
  bucket = "orders-failed-123456789012"
}

# The function's execution role. Lambda uses it to send invocation records.
resource "aws_iam_role_policy" "failed" {
  name = "orders-failed"
  role = "orders-worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = provider::awslambda::destination_permissions(aws_s3_bucket.failed.arn).actions
      Resource = provider::awslambda::destination_permissions(aws_s3_bucket.failed.arn).resources
      # If the bucket is deleted, a bucket of that name in another account receives no records.
      Condition = { StringEquals = { "s3:ResourceAccount" = "123456789012" } }
    }]
  })
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name = aws_lambda_function.orders.arn

  destination_config = {
    on_failure = { destination = aws_s3_bucket.failed.arn }
  }

  # Lambda checks the role's permission when the destination is configured.
  depends_on = [aws_iam_role_policy.failed]
}
