go build -o first/ .
cat >first/dev.tfrc <<END
provider_installation {
  dev_overrides {
    "lambda-async/awslambda" = "$PWD/first"
  }
  direct {}
}
END
cp examples/first/main.tf first/

export TF_CLI_CONFIG_FILE="$PWD/first/dev.tfrc"
export AWS_REGION=us-east-1
terraform -chdir=first apply -var=function_name=my-function
