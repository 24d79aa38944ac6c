# NEGOTIATE

# through_proxy RULE...: a listing of a share, both sides of the proxy captured.
through_proxy() {
	serve
	proxy_rules "$@"
	record_at_client smbc alice //FILES/data ls -I "$VIA_PROXY"
}

scenario negotiate.reset 'The server resets the connection instead of answering NEGOTIATE.' \
	through_proxy 'request NEGOTIATE: reset'
