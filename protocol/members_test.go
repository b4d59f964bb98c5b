package protocol

import "testing"

func TestMembersAreFoundByTheirDecodedNames(t *testing.T) {
	var p EnvelopeParser
	for written, want := range map[string]member{
		`"message_type":`: memberType, `"id" :`: memberID, `"data"`: memberData, `"timestamp":`: memberTimestamp,
		`"to_user_id":`: memberTo, `"from_user_id":`: memberFrom,
		`"\u0069d":`: memberID, `"d\u0061t\u0061":`: memberData,
		`"ID":`: otherMember, `"":`: otherMember, `"id ":`: otherMember, `"\ud800":`: otherMember,
		`"\u006d\u0065\u0073\u0073\u0061\u0067\u0065\u005f\u0074\u0079\u0070\u0065":`: memberType,
	} {
		if got := p.memberOf([]byte(written)); got != want {
			t.Errorf("%s is member %d, want %d", written, got, want)
		}
	}
}

func TestARepeatedMemberIsNoticed(t *testing.T) {
	var p EnvelopeParser
	for text, want := range map[string]bool{
		`{"id":1,"data":2}`: false, `{"id":1,"id":2}`: true, `{"id":1,"\u0069d":2}`: true, `{"x":1,"x":2}`: false, `{"data":{"id":1},"id":2}`: false,
	} {
		var o outline
		if v := o.read(&p, []byte(text)); v != valid || o.repeated != want {
			t.Errorf("%s: syntax %v, repeated %v", text, v, o.repeated)
		}
		if o.values[memberID] != nil && o.repeated && string(o.values[memberID]) != "1" {
			t.Errorf("%s keeps id %s", text, o.values[memberID])
		}
	}
}
