package config

import "testing"

func TestBinding_WithArticle(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"R2 Bucket": "an", "Assets": "an", "AI": "an", "mTLS Certificate": "an", "Agent Memory": "an", "Images": "an", "Unsafe Metadata": "an", "Artifacts": "an",
		"AI Search Namespace": "an", "AI Search Instance": "an", "Analytics Engine Dataset": "an", "Analytics SQL": "an", "Environment Variable": "an",
	}
	for _, kind := range bindingKinds() {
		article := want[kind.noun]
		if article == "" {
			article = "a"
		}
		if got := (Binding{Noun: kind.noun}).WithArticle(); got != article+" "+kind.noun {
			t.Errorf("got %q, want %q", got, article+" "+kind.noun)
		}
	}
}
