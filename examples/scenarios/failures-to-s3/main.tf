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

# Names of buckets are shared by all accounts: one that has the account in it is hardly taken.
resource "aws_s3_bucket" "failed" {
  bucket = "orders-failed-123456789012"
}

# The function's execution role. Lambda uses it to write invocation records.
resource "aws_iam_role_policy" "failed" {
  name = "orders-failed"
  role = "orders-worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = provider::awslambda::destination_permissions(aws_s3_bucket.failed.arn).actions
      Resource = provider::awslambda::destination_permissions(aws_s3_bucket.failed.arn).resources
      # Should the bucket be deleted, one of that name in another account gets no records.
      Condition = { StringEquals = { "s3:ResourceAccount" = "123456789012" } }
    }]
  })
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name = "orders-worker"

  # A bucket takes failures only.
  destination_config = {
    on_failure = { destination = aws_s3_bucket.failed.arn }
  }

  # Lambda checks the role when it is told of the bucket.
  depends_on = [aws_iam_role_policy.failed]
}
