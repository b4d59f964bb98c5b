package chartcheck

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const chartFolder = "../helm/momentum"

// everything switches on all that is optional.
const everything = `
replicas: 3
secret: {name: keys, keys: {jwtSecret: jwt, adminToken: admin, redisUrl: redis, databaseUrl: database}}
settings: {max-connections: 50000}
env: [{name: GOGC, value: "200"}]
drain: {noticeSeconds: 7, seconds: 120}
autoscaling: {enabled: true}
networkPolicy: {adminFrom: [{namespaceSelector: {matchLabels: {name: monitoring}}}]}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
sysctls: [{name: net.core.somaxconn, value: "65535"}]
nodeSelector: {pool: sockets}
tolerations: [{key: sockets, operator: Exists}]
pullSecrets: [{name: registry}]
service: {annotations: {example.org/timeout: "3600"}, type: LoadBalancer}
`

// render renders the chart with values in YAML, as helm template does, and returns the manifests by kind and name.
func render(t *testing.T, values string) (map[string]string, error) {
	t.Helper()
	loaded, err := loader.Load(chartFolder)
	if err != nil {
		t.Fatal(err)
	}
	given, err := chartutil.ReadValues([]byte(values))
	if err != nil {
		t.Fatal(err)
	}
	return rendered(t, loaded, given)
}

func rendered(t *testing.T, loaded *chart.Chart, given chartutil.Values) (map[string]string, error) {
	t.Helper()
	all, err := chartutil.ToRenderValues(loaded, given, chartutil.ReleaseOptions{Name: "chat", Namespace: "default", IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(loaded, all)
	if err != nil {
		return nil, err
	}
	manifests := make(map[string]string)
	for name, text := range files {
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		for document := range strings.SplitSeq(text, "\n---\n") {
			var head struct {
				Kind     string
				Metadata struct{ Name string }
			}
			if err := yaml.Unmarshal([]byte(document), &head); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, document)
			}
			if head.Kind != "" {
				manifests[head.Kind+" "+head.Metadata.Name] = document
			}
		}
	}
	return manifests, nil
}

// as decodes a manifest into a type of Kubernetes, and refuses fields that the type does not have.
func as[T any](t *testing.T, manifests map[string]string, name string) (object T) {
	t.Helper()
	text, ok := manifests[name]
	if !ok {
		t.Fatalf("the chart makes no %s, but %v", name, slices.Sorted(maps.Keys(manifests)))
	}
	if err := yaml.UnmarshalStrict([]byte(text), &object); err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
	}
	return object
}

func TestHelmLintsTheChart(t *testing.T) {
	for _, values := range []string{"{}", everything} {
		given, err := chartutil.ReadValues([]byte(values))
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range lint.AllWithKubeVersion(chartFolder, given, "default", nil).Messages {
			if message.Severity > support.InfoSev {
				t.Error(message)
			}
		}
	}
}

func TestManifestsAreThoseOfKubernetes(t *testing.T) {
	for name, values := range map[string]string{"defaults": "{}", "everything": everything} {
		manifests, err := render(t, values)
		if err != nil {
			t.Fatal(err)
		}
		as[corev1.ConfigMap](t, manifests, "ConfigMap chat-momentum")
		as[policyv1.PodDisruptionBudget](t, manifests, "PodDisruptionBudget chat-momentum")
		as[networkingv1.NetworkPolicy](t, manifests, "NetworkPolicy chat-momentum")
		pods := as[appsv1.Deployment](t, manifests, "Deployment chat-momentum")
		for _, service := range []string{"Service chat-momentum", "Service chat-momentum-nodes"} {
			s := as[corev1.Service](t, manifests, service)
			for key, value := range s.Spec.Selector {
				if pods.Spec.Template.Labels[key] != value {
					t.Errorf("%s selects %s=%s, and the pods have %v", service, key, value, pods.Spec.Template.Labels)
				}
			}
		}
		want := 6
		if name == "everything" {
			want = 8
			scaler := as[autoscalingv2.HorizontalPodAutoscaler](t, manifests, "HorizontalPodAutoscaler chat-momentum")
			if scaler.Spec.ScaleTargetRef.Name != pods.Name || pods.Spec.Replicas != nil {
				t.Errorf("the autoscaler scales %+v, and the Deployment has its own number of replicas: %v", scaler.Spec.ScaleTargetRef, pods.Spec.Replicas)
			}
		}
		if len(manifests) != want {
			t.Errorf("%s: %v", name, slices.Sorted(maps.Keys(manifests)))
		}
	}
}

func TestAPodHasTimeToDrain(t *testing.T) {
	for _, values := range []string{"{}", everything, "drain: {noticeSeconds: 300, seconds: 300}"} {
		manifests, err := render(t, values)
		if err != nil {
			t.Fatal(err)
		}
		pod := as[appsv1.Deployment](t, manifests, "Deployment chat-momentum").Spec.Template.Spec
		server := pod.Containers[0]
		drain := variable(server, "DRAIN_TIMEOUT")
		notice := server.Lifecycle.PreStop.Sleep.Seconds
		var seconds int64
		for _, digit := range drain {
			seconds = 10*seconds + int64(digit-'0')
		}
		if drain == "" || *pod.TerminationGracePeriodSeconds <= seconds+notice {
			t.Errorf("a pod has %d s, of which the notice takes %d and the drain %s", *pod.TerminationGracePeriodSeconds, notice, drain)
		}
	}
}

func variable(c corev1.Container, name string) string {
	at := slices.IndexFunc(c.Env, func(v corev1.EnvVar) bool { return v.Name == name })
	if at < 0 {
		return ""
	}
	return c.Env[at].Value
}

// TestVariablesOfThePodAreSettings compares the variables with docs/SETTINGS.md, and the files that they name with the secret's mount.
func TestVariablesOfThePodAreSettings(t *testing.T) {
	manifests, err := render(t, everything)
	if err != nil {
		t.Fatal(err)
	}
	server := as[appsv1.Deployment](t, manifests, "Deployment chat-momentum").Spec.Template.Spec.Containers[0]
	page := read(t, "../../docs/SETTINGS.md")
	for _, v := range server.Env {
		if v.Name != "GOGC" && !strings.Contains(page, "`"+v.Name+"`") {
			t.Errorf("the server has no setting %s", v.Name)
		}
		if strings.HasSuffix(v.Name, "_FILE") && !strings.HasPrefix(v.Value, server.VolumeMounts[1].MountPath+"/") {
			t.Errorf("%s is %s, outside of the secret's mount", v.Name, v.Value)
		}
	}
	for _, name := range []string{"JWT_SECRET_FILE", "ADMIN_TOKEN_FILE", "REDIS_URL_FILE", "DATABASE_URL_FILE"} {
		if variable(server, name) == "" {
			t.Errorf("%s is not set", name)
		}
	}
}

// TestTheAdminPortIsClosedToOtherPods checks that the policy opens the port of clients, and the other only to the peers that are named.
func TestTheAdminPortIsClosedToOtherPods(t *testing.T) {
	for values, peers := range map[string]int{"{}": 0, everything: 1} {
		manifests, err := render(t, values)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range as[networkingv1.NetworkPolicy](t, manifests, "NetworkPolicy chat-momentum").Spec.Ingress {
			switch port := rule.Ports[0].Port.String(); {
			case port == "admin" && len(rule.From) != peers || port == "admin" && peers == 0:
				t.Errorf("the admin port is open to %v", rule.From)
			case port != "admin" && port != "websocket":
				t.Errorf("port %s is open", port)
			}
		}
		if service := as[corev1.Service](t, manifests, "Service chat-momentum"); len(service.Spec.Ports) != 1 || service.Spec.Ports[0].TargetPort.String() != "websocket" {
			t.Errorf("the service has %+v", service.Spec.Ports)
		}
	}
}

func TestWrongValuesAreRefused(t *testing.T) {
	for values, want := range map[string]string{
		"replicas: 2":                            "several nodes need Redis",
		"autoscaling: {enabled: true}":           "several nodes need Redis",
		"replicas: 0":                            "replicas",
		"replica: 1":                             "replica",
		"settings: {admin-token: secret}":        "admin-token",
		"settings: {drain-timeout: 60}":          "drain-timeout",
		"drain: {seconds: 301}":                  "seconds",
		"secret: {keys: {adminToken: \"\"}}":     "adminToken",
		"networkPolicy: {adminFrom: everywhere}": "adminFrom",
	} {
		if _, err := render(t, values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", values, err, want)
		}
	}
}

// read returns the text of a file.
func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
