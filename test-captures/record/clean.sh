# Connections that work: no rule may call anything in them an error or a warning.

list_data() {
	smbc alice //FILES/data ls -I "$DIRECT" "$@"
}

clean_dialect() {
	serve
	record_direct list_data -m "$1"
}

scenario clean--smb3_11 'A client lists a share over SMB 3.1.1 with NTLM; all is signed and works.' \
	clean_dialect SMB3_11
scenario clean--smb3_02 'A client lists a share over SMB 3.0.2 with NTLM and validates the negotiation.' \
	clean_dialect SMB3_02
