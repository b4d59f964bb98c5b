package auth

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// ParsePEM returns the public keys in a PEM file, which may hold certificates, too. Only the key of a certificate is
// used: by putting it into the file, the operator has declared it trusted.
func ParsePEM(text []byte) (Keys, error) {
	blocks, err := pemBlocks(text)
	if err != nil {
		return nil, err
	}
	if len(blocks) > maxPEMKeys {
		return nil, fmt.Errorf("it holds %d keys: keep it to the %d at most that are in use", len(blocks), maxPEMKeys)
	}
	var keys Keys
	for i, block := range blocks {
		public, err := publicFromPEM(block)
		if err != nil {
			return nil, fmt.Errorf("block %d (%s): %w", i+1, block.Type, err)
		}
		k, err := PublicKey("", public)
		if err != nil {
			return nil, fmt.Errorf("block %d (%s) is %w", i+1, block.Type, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// pemBlocks returns every block. A broken block is an error, where encoding/pem would skip it: the operator wants its key
// to be used.
func pemBlocks(text []byte) ([]*pem.Block, error) {
	begun := bytes.Count(text, []byte("-----BEGIN "))
	var blocks []*pem.Block
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		blocks, text = append(blocks, block), rest
	}
	switch {
	case begun == 0:
		return nil, errors.New("it holds no PEM block (-----BEGIN …): write keys to it with openssl pkey -pubout")
	case len(blocks) != begun:
		return nil, fmt.Errorf("of %d PEM blocks %d can be read: copy the file again", begun, len(blocks))
	}
	return blocks, nil
}

func publicFromPEM(block *pem.Block) (crypto.PublicKey, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return c.PublicKey, nil
	}
	if strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return nil, errors.New("a private key has no place on a server that only verifies: write its public half with openssl pkey -pubout, and keep it where tokens are signed")
	}
	return nil, errors.New("neither a public key nor a certificate: remove it")
}

// privateFromPEM returns the only private key of a PEM file.
func privateFromPEM(text []byte) (crypto.Signer, error) {
	blocks, err := pemBlocks(text)
	if err != nil {
		return nil, err
	}
	var found crypto.Signer
	for _, block := range blocks {
		var key any
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			err = errors.New("its key is encrypted: decrypt it with openssl pkey")
		default: // blocks that openssl writes beside the key: EC PARAMETERS, the public key, a certificate
			continue
		}
		if err != nil {
			return nil, err
		}
		signer, ok := key.(crypto.Signer)
		if !ok || found != nil {
			return nil, errors.New("it must hold one private key that can sign")
		}
		found = signer
	}
	if found == nil {
		return nil, errors.New("it holds no private key: openssl genpkey -algorithm ed25519 makes one")
	}
	return found, nil
}
