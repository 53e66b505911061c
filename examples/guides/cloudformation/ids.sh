aws cloudformation list-stack-resources --stack-name orders --output text \
  --query "StackResourceSummaries[?ResourceType=='AWS::Lambda::EventInvokeConfig'].PhysicalResourceId"
