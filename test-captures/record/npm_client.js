// Lists a share with an SMB2 client of the npm registry, and goes.
//
//     node npm_client.js PACKAGE HOST SHARE USER PASSWORD
"use strict";

const [name, host, share, username, password] = process.argv.slice(2);
const library = require(name);
const domain = "LAB";

// @marsaud/smb2 and those that came of it: one object is connection, session and share.
async function listOneShare() {
	const client = new library({ share: `\\\\${host}\\${share}`, domain, username, password, autoCloseTimeout: 0 });
	const entries = await client.readdir("");
	client.disconnect();
	return entries;
}

// @awo00/smb2, node-smb2
async function listTree() {
	const client = new (library.Client ?? library.default.Client)(host);
	const session = await client.authenticate({ domain, username, password });
	const tree = await session.connectTree(share);
	const entries = await tree.readDirectory("/");
	await client.close();
	return entries;
}

// A program that meets an error ends with it, as most do.
(typeof library === "function" ? listOneShare() : listTree()).then(
	(entries) => console.log(entries),
	(error) => {
		console.error(error.message ?? error.header ?? error);
		process.exit(1);
	}
);
