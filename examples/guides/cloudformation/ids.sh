aws cloudformation describe-stack-resources --stack-name orders --output text \
  --query "StackResources[?ResourceType=='AWS::Lambda::EventInvokeConfig'].PhysicalResourceId"
