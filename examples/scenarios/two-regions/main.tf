terraform {
  required_providers {
    aws       = { source = "hashicorp/aws", version = ">= 6.0" } # for region in its resources
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "aws" {
  region = "us-east-1"
}

provider "awslambda" {
  region = "us-east-1"
}

locals {
  regions = toset(["us-east-1", "eu-west-1"])
}

resource "aws_sqs_queue" "failed" {
  for_each = local.regions

  region = each.key
  name   = "orders-failed"
}

# The execution role of the functions in both regions.
resource "aws_iam_role_policy" "failed" {
  name = "orders-failed"
  role = "orders-worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for queue in aws_sqs_queue.failed : {
      Effect   = "Allow"
      Action   = provider::awslambda::destination_permissions(queue.arn).actions
      Resource = provider::awslambda::destination_permissions(queue.arn).resources
    }]
  })
}

# One provider block serves every region.
resource "awslambda_function_event_invoke_config" "orders" {
  for_each = local.regions

  region        = each.key
  function_name = "orders-worker"

  destination_config = {
    on_failure = { destination = aws_sqs_queue.failed[each.key].arn }
  }

  # Lambda checks the role when it is told of the queue.
  depends_on = [aws_iam_role_policy.failed]
}
