# The policy above, as role.json.
resource "aws_iam_role_policy" "destinations" {
  role   = "orders-worker"
  policy = file("${path.module}/role.json")
}

resource "awslambda_function_event_invoke_config" "orders" {
  function_name = "orders-worker"

  destination_config = {
    on_success = { destination = "arn:aws:events:us-east-1:123456789012:event-bus/results" }
    on_failure = { destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed" }
  }

  # Lambda checks the role when it is told of a destination.
  depends_on = [aws_iam_role_policy.destinations]
}
