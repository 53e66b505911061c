mkdir stage
cp stage.json stage/lambda.json
docker run --detach --rm --name lambda --publish 127.0.0.1:4566:4566 \
  --user "$(id -u):$(id -g)" --volume "$PWD/stage:/stage" \
  ghcr.io/lambda-async/lambda-emulator -state /stage/lambda.json
terraform test
docker stop lambda
