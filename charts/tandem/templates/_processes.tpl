{{/*
The processes of the chosen shape, as {"processes": [{name, settings, modules, role, isHost, hasSip, neighbour, admin, grpc, http, link}]}.
Which services there are, with their ports and whom they ask, stands in services.yaml.
*/}}
{{- define "tandem.processes" -}}
{{- $values := .Values -}}
{{- $services := (.Files.Get "services.yaml" | fromYaml).services -}}
{{- $callPod := (.Files.Get "services.yaml" | fromYaml).callPod -}}
{{- $isHost := eq $values.sip.expose "hostNetwork" -}}
{{- $role := eq $values.edge.mode "both" | ternary "both" "worker" -}}
{{- $list := list -}}
{{- range $name, $service := $services -}}
{{- if not (and (eq $values.shape "pod") (has $name $callPod)) -}}
{{- $process := dict "name" $name "settings" $name "modules" (list $name) "admin" $service.ports.admin -}}
{{- with $service.ports.grpc }}{{ $_ := set $process "grpc" . }}{{ end -}}
{{- with $service.ports.http }}{{ $_ := set $process "http" . }}{{ end -}}
{{- $list = append $list $process -}}
{{- end -}}
{{- end -}}
{{- if eq $values.shape "pod" -}}
{{- $edge := $services.edge.ports -}}
{{- $list = append $list (dict "name" "pod" "settings" "pod" "modules" $callPod "admin" $edge.admin "grpc" $edge.grpc) -}}
{{- end -}}
{{- range $list -}}
{{- if has "edge" .modules -}}
{{- $_ := set . "role" $role -}}
{{- $_ := set . "link" $values.edge.linkPort -}}
{{- $_ := set . "hasSip" (eq $role "both") -}}
{{- $_ := set . "isHost" (and (eq $role "both") $isHost) -}}
{{- end -}}
{{- end -}}
{{- if eq $values.edge.mode "front" -}}
{{- $front := dict "settings" "front" "modules" (list "edge") "role" "front" "hasSip" true -}}
{{- if $isHost -}}
{{- range $index := until (int $values.front.perNode) -}}
{{- $admin := add $values.front.hostAdminPort $index -}}
{{- $link := add $values.front.hostLinkPort $index -}}
{{- $one := merge (dict "name" (printf "front-%d" $index) "isHost" true "admin" $admin "link" $link) $front -}}
{{- if gt (int $values.front.perNode) 1 }}{{ $_ := set $one "neighbour" (add $values.front.hostAdminPort (sub 1 $index)) }}{{ end -}}
{{- $list = append $list $one -}}
{{- end -}}
{{- else -}}
{{- $list = append $list (merge (dict "name" "front" "isHost" false "admin" $services.edge.ports.admin "link" $values.edge.linkPort) $front) -}}
{{- end -}}
{{- end -}}
{{- dict "processes" $list | toJson -}}
{{- end -}}

{{/* What the values say of a process: those of all, and its own. */}}
{{- define "tandem.settings" -}}
{{- mergeOverwrite (deepCopy .root.Values.process) (deepCopy (get .root.Values.processes .process.settings)) | toJson -}}
{{- end -}}

{{/* What the services of a process read and need: {"settings": […], "needs": […], "asks": […]}. */}}
{{- define "tandem.demands" -}}
{{- $services := (.root.Files.Get "services.yaml" | fromYaml).services -}}
{{- $settings := list -}}
{{- $needs := list -}}
{{- $asks := list -}}
{{- range .process.modules -}}
{{- $service := get $services . -}}
{{- $settings = concat $settings $service.settings -}}
{{- $needs = concat $needs $service.needs -}}
{{- $asks = concat $asks $service.asks -}}
{{- end -}}
{{- if eq (default "" .process.role) "front" -}}
{{- $asks = list -}}
{{- $needs = without $needs "kafka" -}}
{{- end -}}
{{- $others := list -}}
{{- range uniq $asks }}{{ if not (has . $.process.modules) }}{{ $others = append $others . }}{{ end }}{{ end -}}
{{- dict "settings" (uniq $settings) "needs" (uniq $needs) "asks" $others | toJson -}}
{{- end -}}

{{/* Fails where values contradict each other. */}}
{{- define "tandem.check" -}}
{{- $values := .Values -}}
{{- if not (or $values.trial.enabled $values.redis.url $values.redis.existingSecret) -}}
{{- fail "\nredis.url is empty: name the Redis, redis.existingSecret with its URL, or trial.enabled=true for a small one of its own" -}}
{{- end -}}
{{- if not (or $values.trial.enabled $values.postgres.url $values.postgres.existingSecret) -}}
{{- fail "\npostgres.url is empty: name the PostgreSQL, postgres.existingSecret with its URL, or trial.enabled=true for a small one of its own" -}}
{{- end -}}
{{- if not (or $values.trial.enabled $values.kafka.brokers) -}}
{{- fail "\nkafka.brokers is empty: name the brokers, host:port, or trial.enabled=true for a small one of its own" -}}
{{- end -}}
{{- if and (or $values.kafka.tls.caSecret $values.kafka.tls.clientSecret) (not $values.kafka.tls.enabled) -}}
{{- fail "\nkafka.tls.enabled is false, but Secrets for it are named: set kafka.tls.enabled=true" -}}
{{- end -}}
{{- if and $values.kafka.sasl.mechanism (not (and $values.kafka.sasl.username $values.kafka.sasl.existingSecret)) -}}
{{- fail "\nkafka.sasl.mechanism needs kafka.sasl.username, and kafka.sasl.existingSecret with the password" -}}
{{- end -}}
{{- if and (eq $values.kafka.sasl.mechanism "plain") (not $values.kafka.tls.enabled) -}}
{{- fail "\nkafka.sasl.mechanism=plain shows the password to the network: set kafka.tls.enabled=true, or use scram-sha-512" -}}
{{- end -}}
{{- if and $values.telemetry.logs (not (include "tandem.otlpEndpoint" .)) -}}
{{- fail "\ntelemetry.logs needs a collector: set telemetry.otlpEndpoint, or telemetry.collector.enabled=true" -}}
{{- end -}}
{{- if and (ne $values.sip.expose "clusterIP") (not $values.sip.advertised) -}}
{{- fail "\nsip.advertised is empty: say what peers reach the switch by, such as {203.0.113.1:5060} or {sip.example.net:5060}: the address of the balancer, the virtual address, or a name with the addresses of all fronts" -}}
{{- end -}}
{{- if and (has $values.sip.expose (list "loadBalancer" "nodePort")) (eq $values.sip.service.externalTrafficPolicy "Cluster") (ne $values.sip.source "hidden") -}}
{{- fail "\nsip.service.externalTrafficPolicy=Cluster hides the addresses of all peers, and gateways that are known by theirs could not be told apart: use Local, or say sip.source=hidden, which refuses such gateways" -}}
{{- end -}}
{{- if and $values.tls.enabled (eq $values.tls.source "existing") (not $values.tls.existingSecret) -}}
{{- fail "\ntls.existingSecret is empty: name the Secret with tls.crt, tls.key and ca.crt, or use tls.source=generated" -}}
{{- end -}}
{{- range $values.sip.listeners -}}
{{- if and (has .transport (list "tls" "wss")) (not $values.sip.tls.certificates) -}}
{{- fail (printf "\nsip.tls.certificates is empty: a listener of %s needs one" .transport) -}}
{{- end -}}
{{- end -}}
{{- if and $values.test.call.enabled (not (and $values.test.call.number $values.test.call.username (or $values.test.call.password $values.test.call.existingSecret))) -}}
{{- fail "\ntest.call needs number, username, and password or existingSecret" -}}
{{- end -}}
{{- if and $values.configuration.document $values.configuration.existingSecret -}}
{{- fail "\nconfiguration.document and configuration.existingSecret are both set: choose one" -}}
{{- end -}}
{{- end -}}
