// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// official are the sites that a link may go to. On GitHub it is the projects
// that are named.
var official = []string{
	"developer.hashicorp.com",
	"docs.aws.amazon.com",
	"github.com/go-to-k/cdkd",                    // a report about Cloud Control
	"github.com/hashicorp/terraform-plugin-docs", // in what it generates
	"github.com/hashicorp/terraform-provider-aws",
	"github.com/lambda-async/terraform-provider-awslambda",
	"opentofu.org",
	"pkg.go.dev",
	"registry.terraform.io",
	"semver.org",
	"www.contributor-covenant.org",
}

// TestLinks follows every link within the repository, and has every other one
// go to an official site.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := documents(t)
	for _, d := range all {
		for _, to := range d.links() {
			u, err := url.Parse(to)
			switch {
			case err != nil:
				t.Errorf("%s: %v", d.name, err)
			case u.IsAbs():
				if !isOfficial(u) {
					t.Errorf("%s: %s is not https, or not on the list of official sites", d.name, to)
				}
			default:
				d.follow(t, all, u)
			}
		}
	}
}

func isOfficial(u *url.URL) bool {
	return u.Scheme == "https" && slices.ContainsFunc(official, func(site string) bool {
		at := u.Host + u.Path
		return at == site || strings.HasPrefix(at, site+"/")
	})
}

// follow follows a link of d within the repository. The registry has nothing
// but what is below docs/.
func (d *document) follow(t *testing.T, all []*document, to *url.URL) {
	t.Helper()
	target := d.place()
	if to.Path != "" {
		target = path.Join(path.Dir(target), to.Path)
	}
	switch _, err := os.Stat(filepath.Join(root, target)); {
	case !filepath.IsLocal(target), strings.HasPrefix(d.place(), "docs/") && !strings.HasPrefix(target, "docs/"):
		t.Errorf("%s: %s leads out of what is published with it", d.name, to)
	case err != nil:
		t.Errorf("%s: %s: there is no %s", d.name, to, target)
	case to.Fragment != "":
		i := slices.IndexFunc(all, func(d *document) bool { return d.name == target })
		if i < 0 || !all[i].anchors[to.Fragment] {
			t.Errorf("%s: %s: there is no such heading", d.name, to)
		}
	}
}
