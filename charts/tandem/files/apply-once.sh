# Applies the first configuration; 3 is the command line's code for a switch that does not answer yet.
tries=0
until node cli/src/main.ts get >/dev/null 2>&1; do
  node cli/src/main.ts apply -f /etc/tandem/configuration/configuration.yaml --if-version 0 && exit 0
  code=$?
  tries=$((tries + 1))
  if [ "$code" -ne 3 ] || [ "$tries" -ge 60 ]; then exit "$code"; fi
  sleep 2
done
