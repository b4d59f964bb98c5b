package redis

import "fmt"

// place is a primary, and the partitions that it has.
type place struct {
	address    string
	partitions []int
}

// topology says where the primaries are.
type topology struct {
	tags   []string // of the partitions
	places []place
}

// resolve finds the primaries. It is called for each attachment, because they may have moved.
func (d *dialer) resolve() (t *topology, err error) {
	for _, address := range d.target.addresses {
		var s server
		if s, err = d.ask(address); err == nil {
			err = s.check()
		}
		if err == nil {
			return &topology{tags: []string{"0"}, places: []place{{address: address, partitions: []int{0}}}}, nil
		}
		err = fmt.Errorf("%s: %w", address, err)
	}
	return nil, err
}

// ask asks the server at an address about itself.
func (d *dialer) ask(address string) (server, error) {
	client, err := d.client(address, 1, d.target.database)
	if err != nil {
		return server{}, err
	}
	defer client.Close()
	return ask(client)
}
