built=$(mktemp -d)
go build -o "$built" .
cat >"$built/dev.tfrc" <<END
provider_installation {
  dev_overrides {
    "lambda-async/awslambda" = "$built"
  }
  direct {}
}
END
export TF_CLI_CONFIG_FILE="$built/dev.tfrc"
