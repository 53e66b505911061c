status=0
terraform plan -input=false -detailed-exitcode -out=drift.tfplan || status=$?
case $status in
0) echo "No drift." ;;
2) echo "Drift: see the plan above." ;;
*) echo "The plan failed, and says nothing about drift." ;;
esac
exit "$status"
