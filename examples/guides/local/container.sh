mkdir state
cp state.json state/lambda.json
docker run --detach --rm --name lambda --publish 127.0.0.1:4566:4566 \
  --user "$(id -u):$(id -g)" --volume "$PWD/state:/state" \
  ghcr.io/lambda-async/lambda-emulator -state /state/lambda.json
terraform test
docker stop lambda
