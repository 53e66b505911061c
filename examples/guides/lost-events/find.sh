terraform query -json | jq -r '
  select(.type == "list_resource_found") | .list_resource_found
  | select(.resource_object.destination_config.on_failure == null) | .display_name'
