package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const provisioner = "tandem.local/directory"

// provision makes a local volume, a directory on the node that any user may
// write and that follows a pod's fsGroup, for each claim of a storage class
// with our provisioner, and removes it once the claim is gone. The nodes share
// one file system, so that the volume is made from wherever this runs; the
// class says WaitForFirstConsumer, so that a claim names its node.
func provision() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig file")
	root := flag.String("dir", "", "directory that holds the volumes")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	client := kubernetes.NewForConfigOrDie(config)
	for ; ; time.Sleep(300 * time.Millisecond) {
		if err := provisionOnce(client, *root); err != nil {
			log.Print(err)
		}
	}
}

func provisionOnce(client kubernetes.Interface, root string) error {
	ctx := context.Background()
	classes, err := client.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	reclaim := map[string]v1.PersistentVolumeReclaimPolicy{}
	for _, c := range classes.Items {
		if c.Provisioner == provisioner {
			reclaim[c.Name] = *c.ReclaimPolicy
		}
	}
	claims, err := client.CoreV1().PersistentVolumeClaims("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, claim := range claims.Items {
		if claim.Spec.StorageClassName == nil || claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil {
			continue
		}
		class := *claim.Spec.StorageClassName
		policy, ours := reclaim[class]
		node := claim.Annotations["volume.kubernetes.io/selected-node"]
		if !ours || node == "" {
			continue
		}
		name := "pvc-" + string(claim.UID)
		dir := filepath.Join(root, name)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o777); err != nil {
			return err
		}
		mode := v1.PersistentVolumeFilesystem
		_, err := client.CoreV1().PersistentVolumes().Create(ctx, &v1.PersistentVolume{
			ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": provisioner}},
			Spec: v1.PersistentVolumeSpec{
				Capacity:                      v1.ResourceList{v1.ResourceStorage: claim.Spec.Resources.Requests[v1.ResourceStorage]},
				AccessModes:                   claim.Spec.AccessModes,
				PersistentVolumeReclaimPolicy: policy,
				StorageClassName:              class,
				VolumeMode:                    &mode,
				ClaimRef:                      &v1.ObjectReference{APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID},
				PersistentVolumeSource:        v1.PersistentVolumeSource{Local: &v1.LocalVolumeSource{Path: dir}},
				NodeAffinity: &v1.VolumeNodeAffinity{Required: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
					MatchExpressions: []v1.NodeSelectorRequirement{{Key: v1.LabelHostname, Operator: v1.NodeSelectorOpIn, Values: []string{node}}},
				}}}},
			},
		}, metav1.CreateOptions{})
		if err != nil && !errors.IsAlreadyExists(err) {
			return err
		}
	}
	volumes, err := client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, v := range volumes.Items {
		if v.Annotations["pv.kubernetes.io/provisioned-by"] != provisioner || v.Spec.PersistentVolumeReclaimPolicy != v1.PersistentVolumeReclaimDelete ||
			(v.Status.Phase != v1.VolumeReleased && v.Status.Phase != v1.VolumeFailed) {
			continue
		}
		if err := os.RemoveAll(v.Spec.Local.Path); err != nil {
			return fmt.Errorf("volume %s: %w", v.Name, err)
		}
		if err := client.CoreV1().PersistentVolumes().Delete(ctx, v.Name, metav1.DeleteOptions{}); err != nil && !errors.IsNotFound(err) {
			return err
		}
	}
	return nil
}
