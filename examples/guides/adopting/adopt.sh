terraform query -generate-config-out=generated.tf
terraform plan -out=adoption.tfplan
terraform apply adoption.tfplan
