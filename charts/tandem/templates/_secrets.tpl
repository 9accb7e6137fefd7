{{/* A Secret that is there already, or an empty one. Nothing is there for `helm template` and --dry-run=client. */}}
{{- define "tandem.existing" -}}
{{- (lookup "v1" "Secret" .root.Release.Namespace .name) | default dict | toJson -}}
{{- end -}}

{{/* The data of the Secrets that the chart makes, each once in a rendering: {"keys": {…}, "tls": {…}}, base64. */}}
{{- define "tandem.made" -}}
{{- if not (hasKey .Values "_made") -}}
{{- $full := include "tandem.fullname" . -}}
{{- $keys := (include "tandem.existing" (dict "root" . "name" (printf "%s-keys" $full)) | fromJson).data | default dict -}}
{{- if not (hasKey $keys "secret-key") }}{{ $_ := set $keys "secret-key" (randBytes 32 | b64enc) }}{{ end -}}
{{- if not (hasKey $keys "api-token") }}{{ $_ := set $keys "api-token" (printf "tandem_%s" (randAlphaNum 43) | b64enc) }}{{ end -}}
{{- $tls := dict -}}
{{- if and .Values.tls.enabled (eq .Values.tls.source "generated") -}}
{{- $tls = (include "tandem.existing" (dict "root" . "name" (printf "%s-tls" $full)) | fromJson).data | default dict -}}
{{- if not (hasKey $tls "tls.crt") -}}
{{- $days := int .Values.tls.validityDays -}}
{{- $ca := genCA (printf "%s services" $full) $days -}}
{{- $cert := genSignedCert $full nil (include "tandem.dnsNames" . | fromJson).names $days $ca -}}
{{- $tls = dict "ca.crt" ($ca.Cert | b64enc) "tls.crt" ($cert.Cert | b64enc) "tls.key" ($cert.Key | b64enc) -}}
{{- end -}}
{{- end -}}
{{- $_ := set .Values "_made" (dict "keys" $keys "tls" $tls) -}}
{{- end -}}
{{- toJson (get .Values "_made") -}}
{{- end -}}

{{/* What services are called, in either shape. */}}
{{- define "tandem.dnsNames" -}}
{{- $names := list "localhost" -}}
{{- range append (keys (.Files.Get "services.yaml" | fromYaml).services | sortAlpha) "pod" -}}
{{- $names = append $names (include "tandem.host" (dict "root" $ "name" .)) -}}
{{- end -}}
{{- dict "names" $names | toJson -}}
{{- end -}}

{{/* Changes with keys and URLs, so that pods are replaced when these are; certificates and passwords of Kafka are read again by pods that run. */}}
{{- define "tandem.secretsChecksum" -}}
{{- $root := . -}}
{{- $data := list ((include "tandem.made" . | fromJson).keys | toJson) (include "tandem.urls" .) -}}
{{- range list .Values.secrets.existingSecretKey .Values.secrets.existingApiToken .Values.redis.existingSecret .Values.postgres.existingSecret -}}
{{- if . }}{{ $data = append $data ((include "tandem.existing" (dict "root" $root "name" .) | fromJson).data | default dict | toJson) }}{{ end -}}
{{- end -}}
{{- $data | join "\n" | sha256sum | trunc 16 -}}
{{- end -}}

{{/* URLs of the stores as they are given, or of those of the trial. */}}
{{- define "tandem.urls" -}}
{{- $urls := dict -}}
{{- $redis := .Values.redis.url | default (.Values.trial.enabled | ternary (printf "redis://%s:6379" (include "tandem.host" (dict "root" . "name" "redis"))) "") -}}
{{- $postgres := .Values.postgres.url | default (.Values.trial.enabled | ternary (printf "postgres://tandem@%s:5432/tandem" (include "tandem.host" (dict "root" . "name" "postgres"))) "") -}}
{{- if and $redis (not .Values.redis.existingSecret) }}{{ $_ := set $urls "redis-url" $redis }}{{ end -}}
{{- if and $postgres (not .Values.postgres.existingSecret) }}{{ $_ := set $urls "postgres-url" $postgres }}{{ end -}}
{{- toJson $urls -}}
{{- end -}}

{{- define "tandem.tlsSecret" -}}
{{- if eq .Values.tls.source "existing" }}{{ .Values.tls.existingSecret }}{{ else }}{{ include "tandem.fullname" . }}-tls{{ end -}}
{{- end -}}
{{- define "tandem.keySecret" -}}
{{ .Values.secrets.existingSecretKey | default (printf "%s-keys" (include "tandem.fullname" .)) }}
{{- end -}}
{{- define "tandem.tokenSecret" -}}
{{ .Values.secrets.existingApiToken | default (printf "%s-keys" (include "tandem.fullname" .)) }}
{{- end -}}
